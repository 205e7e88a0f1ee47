import Glibc

/// The operating system as the log writer uses it. Every call that takes a pointer is here; `errno` is read in the wrapper that made the call.
enum SystemCalls {
  /// What a call came to: a value, or the `errno` it failed with.
  enum Outcome<Value> {
    case success(Value)
    case failure(Int32)
  }

  struct Pipe {
    var readEnd: Int32
    var writeEnd: Int32
  }

  /// A descriptor that is waited for.
  typealias Readiness = pollfd

  // MARK: Files

  static func openForAppending(_ path: String, mode: mode_t, followLinks: Bool) -> Outcome<Int32> {
    // O_NONBLOCK: a named pipe without a reader must not hold the thread that also writes the audit trail.
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (followLinks ? 0 : O_NOFOLLOW)
    while true {
      // `open` reads the string, which lives through the call.
      let descriptor = unsafe open(path, flags, mode)
      if descriptor >= 0 { return .success(descriptor) }
      let code = errno
      if code != EINTR { return .failure(code) }
    }
  }

  static func isRegularFile(_ descriptor: Int32) -> Bool {
    var facts = stat()
    // `fstat` fills the struct during the call and keeps no pointer to it.
    return unsafe fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
  }

  /// Whether the file has content that does not end in a newline: a crash, or a full disk, cut its last line short.
  static func endsInsideLine(_ path: String) -> Bool {
    // `open` reads the string, which lives through the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { _ = Glibc.close(descriptor) }
    var facts = stat()
    // `fstat` fills the struct during the call and keeps no pointer to it.
    guard unsafe fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size > 0 else { return false }
    var last: UInt8 = 0
    // One byte is asked for, and one byte is what the pointer has room for.
    guard unsafe pread(descriptor, &last, 1, facts.st_size - 1) == 1 else { return false }
    return last != UInt8(ascii: "\n")
  }

  /// Writes `bytes[range]`, perhaps only the beginning of it.
  static func write(_ descriptor: Int32, _ bytes: [UInt8], _ range: Range<Int>) -> Outcome<Int> {
    while true {
      let outcome: Outcome<Int> = unsafe bytes.withUnsafeBytes { buffer in
        // The slice is bounds-checked against the array, which lives through the closure; an empty one writes nothing.
        let part = unsafe UnsafeRawBufferPointer(rebasing: buffer[range])
        guard let start = part.baseAddress else { return .success(0) }
        let count = unsafe Glibc.write(descriptor, start, part.count)
        return count >= 0 ? .success(count) : .failure(errno)
      }
      if case .failure(EINTR) = outcome { continue }
      return outcome
    }
  }

  static func synchronizeData(_ descriptor: Int32) -> Int32? {
    while fdatasync(descriptor) != 0 {
      let code = errno
      if code != EINTR { return code }
    }
    return nil
  }

  static func close(_ descriptor: Int32) {
    _ = Glibc.close(descriptor)
  }

  // MARK: Directories

  /// Makes the directory unless something of its name exists. Returns the `errno` of a failure.
  static func makeDirectory(_ path: String, mode: mode_t) -> Int32? {
    // `mkdir` reads the string, which lives through the call.
    if unsafe mkdir(path, mode) == 0 { return nil }
    let code = errno
    return code == EEXIST ? nil : code
  }

  /// The permission bits of a directory; fails with ENOTDIR for anything else, and with EACCES where files cannot be made in it.
  static func directoryMode(_ path: String) -> Outcome<mode_t> {
    var facts = stat()
    // Both calls read the string, and `stat` fills the struct, during the call only.
    guard unsafe stat(path, &facts) == 0 else { return .failure(errno) }
    guard facts.st_mode & S_IFMT == S_IFDIR else { return .failure(ENOTDIR) }
    guard unsafe access(path, W_OK | X_OK) == 0 else { return .failure(errno) }
    return .success(facts.st_mode & 0o7777)
  }

  /// Makes a new file's name in its directory survive a power cut. Best effort: some file systems cannot.
  static func synchronizeDirectory(_ path: String) {
    // `open` reads the string, which lives through the call.
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    _ = Glibc.close(descriptor)
  }

  // MARK: Waking and waiting

  static func makePipe() -> Outcome<Pipe> {
    var ends: [Int32] = [-1, -1]
    // `pipe` writes two numbers into an array of two, during the call only.
    guard unsafe pipe(&ends) == 0 else { return .failure(errno) }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    return .success(Pipe(readEnd: ends[0], writeEnd: ends[1]))
  }

  static func writeByte(_ descriptor: Int32) {
    var byte: UInt8 = 1
    // One byte is written, and one byte is what the pointer has.
    while unsafe Glibc.write(descriptor, &byte, 1) < 0, errno == EINTR {}
  }

  /// Takes up to 64 bytes off a non-blocking pipe and says how many there were.
  static func readSome(_ descriptor: Int32) -> Int {
    var bytes = InlineArray<64, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    // The buffer is the array's own, and the call writes at most its count.
    return unsafe span.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
  }

  /// Waits until a descriptor is ready (or broken, which counts as ready: the next call on it tells) or the time is over.
  /// `milliseconds`: -1 waits without end.
  static func wait(_ interests: inout [Readiness], milliseconds: Int32) {
    for index in interests.indices { interests[index].revents = 0 }
    // `poll` reads and fills exactly the array's elements, during the call only.
    _ = unsafe poll(&interests, nfds_t(interests.count), milliseconds)
  }

  /// Waits for nothing but the time to pass.
  static func pause(milliseconds: Int32) {
    _ = poll(nil, 0, milliseconds)
  }

  // MARK: Clocks

  static func monotonicMilliseconds() -> Int64 { milliseconds(CLOCK_MONOTONIC) }

  static func milliseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    // `clock_gettime` fills the struct during the call and keeps no pointer to it.
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  // MARK: Threads and texts

  /// Starts a thread that runs the writer and takes no signals. Returns the error number of a failure.
  static func startThread(_ writer: LogWriter) -> Int32? {
    var everySignal = sigset_t()
    var before = sigset_t()
    // Each call reads or fills local structs during the call only. A thread inherits the mask of the one that makes it.
    unsafe sigfillset(&everySignal)
    unsafe pthread_sigmask(SIG_SETMASK, &everySignal, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    var thread = pthread_t()
    // The retained reference is taken over once: by the new thread, or below when there is none.
    let context = unsafe Unmanaged.passRetained(writer)
    let code = unsafe pthread_create(
      &thread, nil,
      { context in
        if let context = unsafe context { unsafe Unmanaged<LogWriter>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      unsafe context.release()
      return code
    }
    pthread_detach(thread)
    return nil
  }

  static func text(ofError code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    // The call writes at most the count it is given, with a final NUL.
    guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension SystemCalls.Readiness {
  init(descriptor: Int32, forWriting: Bool) { self.init(fd: descriptor, events: Int16(forWriting ? POLLOUT : POLLIN), revents: 0) }

  /// What the last wait found.
  var isReady: Bool { revents != 0 }
}
