import Glibc
import Testing

@testable import EventLoop

@Suite struct SystemErrorTests {
  @Test("it says which call failed and what errno means")
  func text() { #expect(SystemError("connect", ECONNREFUSED).description == "connect: Connection refused") }

  @Test("an unknown number is shown as it is")
  func unknown() { #expect(SystemError("connect", 4095).description.contains("4095")) }

  @Test("two are equal if call and number are")
  func equality() {
    #expect(SystemError("bind", EACCES) == SystemError("bind", EACCES))
    #expect(SystemError("bind", EACCES) != SystemError("bind", EADDRINUSE))
    #expect(SystemError("bind", EACCES) != SystemError("listen", EACCES))
  }
}
