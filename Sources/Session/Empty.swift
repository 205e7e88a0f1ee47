enum SessionModule {}
