enum LoginModule {}
