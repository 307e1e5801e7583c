"""The door to servers that speak FTP."""
