"""What people do to clients, installments, cases, steps and deliveries: one struct per act.

Command line, pages and API build the same struct and give it to `incasso.services.acts.perform`.
"""
