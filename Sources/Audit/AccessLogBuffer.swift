import Config

/// One loop's access lines, rendered as requests end and handed to the writer in pieces of about 32 KiB or at the loop's tick.
/// Appending takes no lock and, between two hand-overs, allocates nothing.
package final class AccessLogBuffer {
  private let sink: LogSink
  private let format: Config.EventLog.Format
  private var timestamps = TimestampFormatter()
  private var bytes: [UInt8]
  private var count = 0
  private var lines = 0

  /// Bytes from which on a buffer is handed over at once.
  static let threshold = 32 << 10

  package init(sink: LogSink, format: Config.EventLog.Format) {
    self.sink = sink
    self.format = format
    bytes = [UInt8](repeating: 0, count: Self.threshold + AccessLimit.line)
  }

  /// Adds the line of one request. Bytes that a client sent may be passed as they came: they are escaped, cut at a limit, and of `target`
  /// only the path is shown, its segments of six or more digits masked. An empty `user`, `site`, `method` or `upstream` means none.
  /// Text form: `TIME REQUEST CLIENT SITE USER "METHOD PATH PROTOCOL" STATUS BYTES-OUT BYTES-IN MS UPSTREAM UPSTREAM-MS END`.
  package func append(
    _ entry: AccessEntry, requestID: Span<UInt8>, client: Span<UInt8>, site: Span<UInt8>, user: Span<UInt8>, method: Span<UInt8>,
    target: Span<UInt8>, upstream: Span<UInt8>
  ) {
    var position = count
    var clock = timestamps
    let form = format
    // Taken out and put back, so that no access to a property lasts while a line is written.
    var memory: [UInt8] = []
    swap(&memory, &bytes)
    do {
      var output = memory.mutableSpan
      switch form {
      case .text:
        Self.putText(
          entry, &clock, requestID: requestID, client: client, site: site, user: user, method: method, target: target,
          upstream: upstream, &output, &position)
      case .json:
        Self.putJSON(
          entry, &clock, requestID: requestID, client: client, site: site, user: user, method: method, target: target,
          upstream: upstream, &output, &position)
      }
    }
    swap(&memory, &bytes)
    timestamps = clock
    count = position
    lines += 1
    if count >= Self.threshold { flush() }
  }

  /// Hands over what has gathered; for the loop's tick and its end. Lines that the full queue refuses are counted there.
  package func flush() {
    guard count > 0 else { return }
    let gathered = bytes
    _ = sink.offer(gathered.span.extracting(0..<count), lines: lines, day: 0)
    count = 0
    lines = 0
  }

  private static func putText(
    _ entry: AccessEntry, _ timestamps: inout TimestampFormatter, requestID: Span<UInt8>, client: Span<UInt8>, site: Span<UInt8>,
    user: Span<UInt8>, method: Span<UInt8>, target: Span<UInt8>, upstream: Span<UInt8>, _ output: inout MutableSpan<UInt8>,
    _ position: inout Int
  ) {
    let blank = UInt8(ascii: " ")
    timestamps.write(entry.time, to: &output, at: &position)
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.putText(requestID, limit: AccessLimit.requestID, &output, &position)
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.putText(client, limit: AccessLimit.client, &output, &position)
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.putText(site, limit: AccessLimit.site, &output, &position)
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.putText(user, limit: AccessLimit.user, &output, &position)
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.put(UInt8(ascii: "\""), &output, &position)
    FieldEncoding.putText(method, limit: AccessLimit.method, &output, &position)
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.putMaskedPath(target, .text, limit: AccessLimit.path, &output, &position)
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.put(entry.version.text, &output, &position)
    FieldEncoding.put(UInt8(ascii: "\""), &output, &position)
    FieldEncoding.put(blank, &output, &position)
    if entry.status > 0 {
      FieldEncoding.putDecimal(Int64(entry.status), &output, &position)
    } else {
      FieldEncoding.put(UInt8(ascii: "-"), &output, &position)
    }
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.putDecimal(entry.bytesOut, &output, &position)
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.putDecimal(entry.bytesIn, &output, &position)
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.putMilliseconds(microseconds: entry.totalMicroseconds, &output, &position)
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.putText(upstream, limit: AccessLimit.upstream, &output, &position)
    FieldEncoding.put(blank, &output, &position)
    if entry.upstreamMicroseconds >= 0 {
      FieldEncoding.putMilliseconds(microseconds: entry.upstreamMicroseconds, &output, &position)
    } else {
      FieldEncoding.put(UInt8(ascii: "-"), &output, &position)
    }
    FieldEncoding.put(blank, &output, &position)
    FieldEncoding.put(entry.end.text, &output, &position)
    FieldEncoding.put(UInt8(ascii: "\n"), &output, &position)
  }

  private static func putJSON(
    _ entry: AccessEntry, _ timestamps: inout TimestampFormatter, requestID: Span<UInt8>, client: Span<UInt8>, site: Span<UInt8>,
    user: Span<UInt8>, method: Span<UInt8>, target: Span<UInt8>, upstream: Span<UInt8>, _ output: inout MutableSpan<UInt8>,
    _ position: inout Int
  ) {
    FieldEncoding.put("{\"time\":\"", &output, &position)
    timestamps.write(entry.time, to: &output, at: &position)
    FieldEncoding.put("\",\"request\":", &output, &position)
    FieldEncoding.putJSON(requestID, limit: AccessLimit.requestID, &output, &position)
    FieldEncoding.put(",\"client\":", &output, &position)
    FieldEncoding.putJSON(client, limit: AccessLimit.client, &output, &position)
    FieldEncoding.put(",\"site\":", &output, &position)
    FieldEncoding.putJSON(site, limit: AccessLimit.site, &output, &position)
    FieldEncoding.put(",\"user\":", &output, &position)
    FieldEncoding.putJSON(user, limit: AccessLimit.user, &output, &position)
    FieldEncoding.put(",\"method\":", &output, &position)
    FieldEncoding.putJSON(method, limit: AccessLimit.method, &output, &position)
    FieldEncoding.put(",\"path\":\"", &output, &position)
    FieldEncoding.putMaskedPath(target, .json, limit: AccessLimit.path, &output, &position)
    FieldEncoding.put("\",\"protocol\":\"", &output, &position)
    FieldEncoding.put(entry.version.text, &output, &position)
    FieldEncoding.put("\",\"status\":", &output, &position)
    if entry.status > 0 {
      FieldEncoding.putDecimal(Int64(entry.status), &output, &position)
    } else {
      FieldEncoding.put("null", &output, &position)
    }
    FieldEncoding.put(",\"bytes_out\":", &output, &position)
    FieldEncoding.putDecimal(entry.bytesOut, &output, &position)
    FieldEncoding.put(",\"bytes_in\":", &output, &position)
    FieldEncoding.putDecimal(entry.bytesIn, &output, &position)
    FieldEncoding.put(",\"ms\":", &output, &position)
    FieldEncoding.putMilliseconds(microseconds: entry.totalMicroseconds, &output, &position)
    FieldEncoding.put(",\"upstream\":", &output, &position)
    FieldEncoding.putJSON(upstream, limit: AccessLimit.upstream, &output, &position)
    FieldEncoding.put(",\"upstream_ms\":", &output, &position)
    if entry.upstreamMicroseconds >= 0 {
      FieldEncoding.putMilliseconds(microseconds: entry.upstreamMicroseconds, &output, &position)
    } else {
      FieldEncoding.put("null", &output, &position)
    }
    FieldEncoding.put(",\"end\":\"", &output, &position)
    FieldEncoding.put(entry.end.text, &output, &position)
    FieldEncoding.put("\"}\n", &output, &position)
  }
}
