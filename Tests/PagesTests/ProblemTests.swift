import Foundation
import Testing

@testable import Pages

@Suite("Problem")
struct ProblemTests {
  struct Document: Decodable, Equatable {
    var type, title, detail: String
    var status: Int
    var request_id: String?
    var login: String?
  }

  @Test("a problem is a JSON object with the members of RFC 9457 and the request id")
  func members() throws {
    let bytes = Problem.json(status: 401, title: "Sign \"in\"", detail: "No session\n</x>", requestID: "r1")
    let read = try JSONDecoder().decode(Document.self, from: Data(bytes))
    #expect(
      read == Document(type: "about:blank", title: "Sign \"in\"", detail: "No session\n</x>", status: 401, request_id: "r1"))
    #expect(!bytes.contains(UInt8(ascii: "<")))
    #expect(Problem.contentType == "application/problem+json")
  }

  @Test("without a request id there is no such member")
  func noRequestID() throws {
    let read = try JSONDecoder().decode(Document.self, from: Data(Problem.json(status: 400, title: "a", detail: "b", requestID: "")))
    #expect(read.request_id == nil)
  }

  @Test("every failure has a problem document with its own status and words", arguments: Failure.allCases)
  func failures(failure: Failure) throws {
    let read = try JSONDecoder().decode(Document.self, from: Data(Problem.json(failure, requestID: "r")))
    #expect(read.status == failure.status && read.title == failure.title && read.detail == failure.happened)
  }

  @Test("where people may sign in is told where it is known, and is no member otherwise")
  func login() throws {
    let told = Problem.json(.signInNeeded, requestID: "r", login: "/.anteroom/login?popup=1")
    #expect(try JSONDecoder().decode(Document.self, from: Data(told)).login == "/.anteroom/login?popup=1")
    #expect(!String(decoding: Problem.json(.signInNeeded, requestID: "r"), as: UTF8.self).contains("login\""))
  }
}
