"""The hub's one door to exchange folders: local, SFTP, S3 and mail attachments."""
