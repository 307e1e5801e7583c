"""The use cases: one public function per verb, each takes the hub and says what it did."""
