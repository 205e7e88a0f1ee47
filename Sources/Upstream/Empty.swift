enum UpstreamModule {}
