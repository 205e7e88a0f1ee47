import COpenSSL

/// Overwrites memory in a way that the optimiser may not drop. The caller owns `count` bytes at `pointer`.
@unsafe func wipe(_ pointer: UnsafeMutableRawPointer, _ count: Int) {
  unsafe OPENSSL_cleanse(pointer, count)
}
