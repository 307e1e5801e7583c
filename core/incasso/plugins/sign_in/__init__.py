"""Modern sign-in: tokens of Microsoft and Google for mail servers, asked for through our door."""
