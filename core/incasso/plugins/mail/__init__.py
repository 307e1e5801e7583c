"""The door to mail servers (`ctx.mail`): SMTP stage by stage, mailboxes by IMAP."""
