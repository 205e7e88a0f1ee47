import Testing

@testable import Policy

struct PathReadingsTests {
  private func readings(_ path: String) -> PathReadings {
    let bytes = Array(path.utf8)
    return PathReadings(of: bytes.span)
  }

  private func texts(_ path: String) -> Set<String> {
    Set(readings(path).readings.map { String(decoding: $0, as: UTF8.self) })
  }

  @Test("a plain path has one reading", arguments: ["/", "/patients", "/a/b.c/d-e_f~/", "/.well-known/x", "/Patients/..a/b.."])
  func plain(path: String) {
    #expect(texts(path) == [path])
    let bytes = Array(path.utf8)
    let found = PathTraits(of: bytes.span).isEmpty
    #expect(found)
  }

  @Test(
    "every way of reading it is found",
    arguments: [
      ("/public/../patients", "/patients"), ("/public/%2e%2e/patients", "/patients"), ("/public/%252e%252e/patients", "/patients"),
      ("/public/.%2E/patients", "/patients"), ("//patients", "/patients"), ("/patients/.", "/patients/"),
      ("/patients%2f..%2fpublic", "/public"), ("/patients;x=1", "/patients"), ("/patients%3bx=1", "/patients"),
      ("/public\\..\\patients", "/patients"), ("/public/..%5cpatients", "/patients"), ("/public/..;/patients", "/patients"),
      ("/public/%2e%2e;a=b/patients", "/patients"), ("/public//../patients", "/patients"), ("/public//../patients", "/public/patients"),
      ("/patients%00/public", "/patients"), ("/patients%3fx", "/patients"), ("/patients%23x", "/patients"), ("/patients%0a", "/patients"),
      ("/%70atients", "/patients"), ("/%25%37%30atients", "/patients"), ("/%252570atients", "/patients"),
      ("/x/%c0%ae%c0%ae/patients", "/patients"),
      ("/x/%ef%bc%8e%ef%bc%8e%ef%bc%8fpatients", "/patients"), ("/static/%2e%2e/patients%3b%2f..%2fstatic", "/patients"),
      ("/a;x=/../patients", "/patients"), ("/a;x\\..\\patients", "/patients"), ("/static/x%00/../../patients", "/patients"),
      ("/static/../%2e%2e%2f%2fpatients%5c;x", "/patients/"),
    ])
  func found(path: String, reading: String) {
    #expect(texts(path).contains(reading))
  }

  @Test(
    "each step is taken with and without the others",
    arguments: [
      ("/a//b;c", ["/a//b;c", "/a/b;c", "/a//b", "/a/b"]), ("/a\\b;c", ["/a\\b;c", "/a/b;c", "/a\\b", "/a/b"]),
      ("/a#b/../c", ["/a#b/../c", "/c", "/a"]), ("/a/../b#c", ["/a/../b#c", "/a/../b", "/b#c", "/b"]),
      ("/a/./b//c", ["/a/./b//c", "/a/b//c", "/a/./b/c", "/a/b/c"]),
      ("/%2541%2f", ["/%2541%2f", "/%41/", "/%41%2f", "/A/", "/A%2f"]),
    ] as [(String, Set<String>)])
  func everyCombination(path: String, expected: Set<String>) {
    #expect(texts(path) == expected)
  }

  @Test(
    "what nobody can be sure of is in doubt",
    arguments: ["/a%", "/a%2", "/%zz", "/%u0070atients", "/%%32%66", "/%2525252570", "x", "", "/caf\u{E9}"])
  func doubtful(path: String) {
    #expect(readings(path).isDoubtful)
  }

  @Test(
    "ordinary encoded paths are in no doubt", arguments: ["/a%20b", "/100%25.png", "/caf%C3%A9", "/%7Euser/", "/a//b", "/x%2Fy;v=1/../z"])
  func sure(path: String) {
    #expect(!readings(path).isDoubtful)
    #expect(!readings(path).hasCut)
  }

  @Test(
    "a byte that may end the path is noticed in any reading",
    arguments: ["/a%00", "/a%2500", "/a%3f", "/a%23b", "/a%0d", "/a%7f", "/a#b", "/a%c0%80"])
  func cuts(path: String) {
    #expect(readings(path).hasCut)
  }

  @Test(
    "hostile paths of 16 KB are judged within the limits",
    arguments: [
      "%25", "%252e", "/..", "//", "%2f..;%5c", "\\..%252f;x=%00", "%25%32%35", ";/%2e%2e", "%c0%ae/", "/a;b%3b\\%5c//.%2e/%2e/%25",
    ])
  func bounded(unit: String) {
    let path = "/" + String(repeating: unit, count: (16 << 10) / unit.utf8.count)
    let found = readings(path)
    #expect(found.readings.count <= PathReadings.maximumReadings)
    let written = found.readings.reduce(0) { $0 + $1.count }
    #expect(written <= PathReadings.maximumWork + 8 * path.utf8.count)
    #expect(found.isDoubtful || !found.isIncomplete)
  }

  @Test("where the limit is reached, the shortest form is among the readings, and the path is in doubt")
  func incomplete() {
    let path =
      "/public/" + String(repeating: "a;b%3b\\%5c//.%2e/%2e/%25%32%65/", count: 400) + String(repeating: "../", count: 4000) + "patients"
    let found = readings(path)
    #expect(found.isIncomplete)
    #expect(found.isDoubtful)
    #expect(found.readings.contains(Array("/patients".utf8)))
  }

  @Test("no reading is longer than the path, nor twice there")
  func noDuplicates() {
    let path = "/a%2fb;c//..\\%2e%2e;x/%252e/d%00e%23"
    let found = readings(path)
    #expect(Set(found.readings).count == found.readings.count)
    #expect(found.readings.allSatisfy { $0.count <= path.utf8.count })
    #expect(!found.isIncomplete)
  }
}
