"""DynamoDB, Redis and S3, a file an aggregate. Rows never leave this floor."""
