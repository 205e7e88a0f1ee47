import Testing

@testable import anteroom

@Suite("passwd: the password") struct NewPasswordTests {
  private func fault(_ bytes: [UInt8]) -> NewPassword.Fault? {
    let password = NewPassword()
    for byte in bytes { password.append(byte) }
    do throws(NewPassword.Fault) { try password.check() } catch { return error }
    return nil
  }

  @Test(
    "characters are counted, not bytes, and twelve are enough",
    arguments: [
      ("correct hors", nil), ("correct hor", .tooShort), ("", .tooShort), ("äöüäöüäöüäöü", nil), ("äöüäöüäöüäö", .tooShort),
      ("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", .tooShort), ("            ", nil),
    ] as [(String, NewPassword.Fault?)])
  func length(text: String, expected: NewPassword.Fault?) { #expect(fault([UInt8](text.utf8)) == expected) }

  @Test("control characters are refused", arguments: ["\u{0}", "\t", "\r", "\u{1B}", "\u{7F}", "\u{85}"])
  func control(character: String) { #expect(fault([UInt8](("correct horse" + character).utf8)) == .controlCharacter) }

  @Test("bytes that are not UTF-8 are refused", arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80]])
  func encoding(bytes: [UInt8]) { #expect(fault([UInt8]("correct horse".utf8) + bytes) == .notUTF8) }

  @Test("as long as libcrypt takes, and no longer")
  func longest() {
    #expect(fault([UInt8](repeating: 0x61, count: NewPassword.maximumBytes)) == nil)
    #expect(fault([UInt8](repeating: 0x61, count: NewPassword.maximumBytes + 1)) == .tooLong)
  }

  @Test("two that are cut off at the same place do not match if one of them goes on")
  func matches() {
    let long = String(repeating: "a", count: NewPassword.maximumBytes)
    #expect(NewPassword(long).matches(NewPassword(long)))
    #expect(!NewPassword(long).matches(NewPassword(long + "a")))
    #expect(!NewPassword("correct horse").matches(NewPassword("correct house")))
  }

  @Test("its description does not show it")
  func description() { #expect("\(NewPassword("correct horse"))" == "NewPassword") }
}

extension NewPassword {
  fileprivate convenience init(_ text: String) {
    self.init()
    for byte in text.utf8 { append(byte) }
  }
}
