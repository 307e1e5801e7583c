"""Shipped for partners and for us: contract suites to inherit, fakes that behave, hostile twins."""
