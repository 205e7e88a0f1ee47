import Crypto
import Session

/// A form that was sent after its sender's session had ended, as it waits to be sent on.
package struct HeldForm: Sendable, Equatable {
  /// Path and query exactly as the browser sent them.
  package var target: [UInt8]
  /// The value of Content-Type.
  package var contentType: [UInt8]
  /// The value of Referer, where it was a page of the same site.
  package var referer: [UInt8]?
  /// When it was sent, in seconds since 1970 UTC.
  package var sentAt: Int64
  package var summary: FormSummary
  package var body: [UInt8]

  package init(target: [UInt8], contentType: [UInt8], referer: [UInt8]?, sentAt: Int64, summary: FormSummary, body: [UInt8]) {
    self.target = target
    self.contentType = contentType
    self.referer = referer
    self.sentAt = sentAt
    self.summary = summary
    self.body = body
  }

  /// Bytes of the key that one form is sealed with.
  package static let keyCount = 32
  /// The most that a form takes beside its body and what is copied of its head, sealed.
  package static let overhead = 16 << 10

  /// The form sealed under `key`, which is made for this form alone and kept elsewhere.
  package func sealed(key: Secret, audience: Audience, using crypto: CryptoContext) -> [UInt8] {
    var writer = SealedWriter(capacity: body.count + target.count + 4096)
    writer.writeRoom(AEAD.nonceCount)
    writer.write(target)
    writer.write(contentType)
    writer.write(UInt8(referer == nil ? 0 : 1))
    writer.write(referer ?? [])
    writer.write(sentAt)
    summary.write(to: &writer)
    writer.write(fixed: body)
    crypto.aead.seal(&writer.bytes, from: 0, key: key, context: Self.context, audience.context, random: crypto.random)
    return writer.bytes
  }

  /// What was sealed; `nil` for anything else, or under another key or for another place.
  package init?(sealed: [UInt8], key: Secret, audience: Audience, using crypto: CryptoContext) {
    guard let bytes = crypto.aead.open(sealed.span, key: key, context: Self.context, audience.context) else { return nil }
    var reader = SealedReader(bytes)
    guard let target = reader.readBytes(), let contentType = reader.readBytes(), let hasReferer = reader.readUInt8(),
      let referer = reader.readBytes(), let sentAt = reader.readInt64(), let summary = FormSummary(from: &reader)
    else { return nil }
    self.init(
      target: target, contentType: contentType, referer: hasReferer == 1 ? referer : nil, sentAt: sentAt, summary: summary,
      body: reader.readRest())
  }

  private static let context = Audience.purposeContext("held form")
}

/// Which form a return ticket leads to, and the key that opens it.
package struct HeldFormReference: Sendable, Equatable {
  /// 16 bytes.
  package var id: [UInt8]
  /// 32 bytes.
  package var key: [UInt8]
  /// Path and query of the page that the form was on; empty where that is not known.
  package var page: [UInt8]

  package init(id: [UInt8], key: [UInt8], page: [UInt8]) {
    self.id = id
    self.key = key
    self.page = page
  }

  /// As a ticket carries it. A page that is too long, or not to be gone back to, is left out.
  var bytes: [UInt8] {
    let keeps = id.count + key.count + page.count <= ReturnTickets.maximumInline && RedirectTarget.isLocal(page)
    return id + key + (keeps ? page : [])
  }

  init?(bytes: [UInt8]) {
    let fixed = HeldForms.idCount + HeldForm.keyCount
    guard bytes.count >= fixed else { return nil }
    let page = [UInt8](bytes[fixed...])
    guard page.isEmpty || RedirectTarget.isLocal(page) else { return nil }
    id = [UInt8](bytes[..<HeldForms.idCount])
    key = [UInt8](bytes[HeldForms.idCount..<fixed])
    self.page = page
  }
}
