"""Messages through Twilio, by its own library."""
