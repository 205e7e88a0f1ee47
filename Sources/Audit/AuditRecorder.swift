/// One loop's way into the audit trail: encodes a record in memory of its own, and queues the line at once.
package final class AuditRecorder {
  private let trail: AuditTrail
  private var timestamps = TimestampFormatter()
  private var line = [UInt8](repeating: 0, count: AuditLimit.line)

  /// For one loop's records.
  package init(_ trail: AuditTrail) { self.trail = trail }

  /// Queues a record as one JSON line with every member, in a fixed order. Bytes that a client sent may be passed as they came: they are
  /// escaped, and cut at a limit. An empty `user`, `patient`, `rule` or `reason` means none.
  /// - Parameters:
  ///   - site: the site's name; empty when no site was matched.
  ///   - host: the host as the client named it.
  ///   - user: the signed-in user, or the one who tried to sign in.
  ///   - client: the client's address, without a port.
  ///   - patient: for a patient request with one valid id.
  ///   - rule: the path pattern of the `patient` directive, for a patient request.
  ///   - reason: why, in a few fixed words, where the outcome alone does not tell; never a query, a password or a token.
  /// - Returns: false when the queue is full: the record is lost, and from then on nothing more that needs one may happen
  ///   (`AuditTrail.isHealthy`).
  package func append(
    _ record: AuditRecord, requestID: Span<UInt8>, site: Span<UInt8>, host: Span<UInt8>, user: Span<UInt8>, client: Span<UInt8>,
    method: Span<UInt8>, patient: Span<UInt8>, rule: Span<UInt8>, reason: Span<UInt8>
  ) -> Bool {
    // Taken out and put back, so that no access to a property lasts while the line is written.
    var memory: [UInt8] = []
    swap(&memory, &line)
    var clock = timestamps
    var end = 0
    do {
      var output = memory.mutableSpan
      FieldEncoding.put("{\"time\":\"", &output, &end)
      clock.write(record.time, to: &output, at: &end)
      FieldEncoding.put("\",\"event\":\"", &output, &end)
      FieldEncoding.put(record.event.name, &output, &end)
      FieldEncoding.put("\",\"request\":\"", &output, &end)
      FieldEncoding.putPrintable(requestID, limit: AuditLimit.requestID, &output, &end)
      FieldEncoding.put("\",\"site\":\"", &output, &end)
      FieldEncoding.putPrintable(site, limit: AuditLimit.host, &output, &end)
      FieldEncoding.put("\",\"host\":\"", &output, &end)
      FieldEncoding.putPrintable(host, limit: AuditLimit.host, &output, &end)
      FieldEncoding.put("\",\"user\":", &output, &end)
      Self.putOptional(user, limit: AuditLimit.user, &output, &end)
      FieldEncoding.put(",\"client\":\"", &output, &end)
      FieldEncoding.putPrintable(client, limit: AuditLimit.client, &output, &end)
      FieldEncoding.put("\",\"method\":\"", &output, &end)
      FieldEncoding.putPrintable(method, limit: AuditLimit.method, &output, &end)
      FieldEncoding.put("\",\"patient\":", &output, &end)
      Self.putOptional(patient, limit: AuditLimit.patient, &output, &end)
      FieldEncoding.put(",\"rule\":", &output, &end)
      Self.putOptional(rule, limit: AuditLimit.rule, &output, &end)
      FieldEncoding.put(",\"status\":", &output, &end)
      if record.status > 0 {
        FieldEncoding.putDecimal(Int64(record.status), &output, &end)
      } else {
        FieldEncoding.put("null", &output, &end)
      }
      FieldEncoding.put(",\"outcome\":\"", &output, &end)
      FieldEncoding.put(record.event.outcome, &output, &end)
      FieldEncoding.put("\",\"reason\":", &output, &end)
      Self.putOptional(reason, limit: AuditLimit.reason, &output, &end)
      FieldEncoding.put("}\n", &output, &end)
    }
    let isQueued = trail.append(memory.span.extracting(0..<end), time: record.time)
    swap(&memory, &line)
    timestamps = clock
    return isQueued
  }

  private static func putOptional(_ value: Span<UInt8>, limit: Int, _ output: inout MutableSpan<UInt8>, _ position: inout Int) {
    if value.isEmpty {
      FieldEncoding.put("null", &output, &position)
    } else {
      FieldEncoding.put(UInt8(ascii: "\""), &output, &position)
      FieldEncoding.putPrintable(value, limit: limit, &output, &position)
      FieldEncoding.put(UInt8(ascii: "\""), &output, &position)
    }
  }
}

/// Where a long value is cut: bytes of output.
enum AuditLimit {
  static let requestID = 128
  static let host = 300
  static let user = 512
  static let client = 128
  static let method = 64
  static let patient = 64
  static let rule = 512
  static let reason = 512
  /// More than all of the above, the names and the newline together.
  static let line = 4096
}
