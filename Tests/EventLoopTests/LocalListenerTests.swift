import Glibc
import Testing

@testable import EventLoop

@Suite struct LocalListenerTests {
  private final class Folder {
    let path: String

    init() throws {
      var template = Array("/tmp/anteroom-local-XXXXXX".utf8).map { CChar(bitPattern: $0) } + [0]
      path = String(cString: try #require(mkdtemp(&template)))
    }

    var socket: String { path + "/run/admin.sock" }

    deinit {
      unlink(socket)
      rmdir(path + "/run")
      rmdir(path)
    }
  }

  private func mode(_ path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
  }

  private func fault(_ path: String) throws -> String {
    do throws(LocalListener.Fault) {
      _ = try LocalListener(path: path)
      return ""
    } catch {
      return error.description
    }
  }

  @Test("its folder is made for its owner alone, and so is the socket, whatever the umask")
  func modes() throws {
    let folder = try Folder()
    let listener = try LocalListener(path: folder.socket)
    #expect(mode(folder.socket) == 0o600)
    #expect(mode(folder.path + "/run") == 0o700)
    listener.end()
    #expect(mode(folder.socket) == nil)
    listener.end()
  }

  @Test("a line goes there and an answer comes back; the end is the end of the waiting")
  func talk() throws {
    let folder = try Folder()
    let listener = try LocalListener(path: folder.socket)
    let thread = try Thread(name: "talk") {
      while let connection = listener.accept() {
        guard connection.peerUser == geteuid(), let line = connection.readLine(limit: 64, milliseconds: 5000) else { continue }
        _ = connection.write(line + [0x21], milliseconds: 5000)
      }
    }
    let client = try LocalConnection(to: folder.socket)
    #expect(client.write([UInt8]("hello\nrest".utf8), milliseconds: 5000))
    #expect(client.readAll(limit: 64, milliseconds: 5000) == [UInt8]("hello!".utf8))
    listener.end()
    thread.join()
  }

  @Test("a socket that a process has left behind is replaced, one at which somebody answers is not")
  func stale() throws {
    let folder = try Folder()
    mkdir(folder.path + "/run", 0o700)
    let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: folder.socket.utf8) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
    #expect(bound == 0)
    close(left)
    let listener = try LocalListener(path: folder.socket)
    #expect(try fault(folder.socket).contains("another process answers at"))
    #expect(mode(folder.socket) == 0o600)
    withExtendedLifetime(listener) {}
  }

  @Test("what is no socket is left alone")
  func file() throws {
    let folder = try Folder()
    mkdir(folder.path + "/run", 0o700)
    close(creat(folder.socket, 0o600))
    #expect(try fault(folder.socket).contains("is no socket"))
    #expect(mode(folder.socket) != nil)
  }

  @Test("a folder that is open to others is no place for it")
  func open() throws {
    let folder = try Folder()
    mkdir(folder.path + "/run", 0o700)
    chmod(folder.path + "/run", 0o1777)
    #expect(try fault(folder.socket).contains("every user of this machine"))
  }

  @Test("one that ends leaves alone what another has put in its place")
  func replaced() throws {
    let folder = try Folder()
    let first = try LocalListener(path: folder.socket)
    // The inode is kept busy, or the next file might get its number.
    link(folder.socket, folder.path + "/kept")
    defer { unlink(folder.path + "/kept") }
    unlink(folder.socket)
    let second = try LocalListener(path: folder.socket)
    first.end()
    #expect(mode(folder.socket) == 0o600)
    withExtendedLifetime(second) {}
  }

  @Test("a line that is too long, does not end or does not come is none")
  func bounds() throws {
    let folder = try Folder()
    let listener = try LocalListener(path: folder.socket)
    for (sent, line) in [("12345678\n", "12345678"), ("123456789\n", nil), ("123", nil)] as [(String, String?)] {
      let client = try LocalConnection(to: folder.socket)
      let connection = try #require(listener.accept())
      #expect(client.write([UInt8](sent.utf8), milliseconds: 1000))
      #expect(connection.readLine(limit: 8, milliseconds: 50) == line.map { [UInt8]($0.utf8) })
      #expect(client.readAll(limit: 8, milliseconds: 20) == nil)
    }
  }

  @Test("a process that takes over goes on at the same socket, and the path goes with whoever has the place")
  func adoption() throws {
    let folder = try Folder()
    var old: LocalListener? = try LocalListener(path: folder.socket)
    var refused: LocalListener? = try LocalListener(adopting: dup(#require(old?.descriptor)), path: folder.socket)
    #expect(refused?.path == folder.socket)
    refused = nil
    #expect(mode(folder.socket) == 0o600)
    let new = try LocalListener(adopting: dup(#require(old?.descriptor)), path: folder.socket)
    let serving = try #require(old)
    let thread = try Thread(name: "old") { while serving.accept() != nil {} }
    new.takePlace()
    old?.leavePlace()
    old?.end()
    thread.join()
    old = nil
    let client = try LocalConnection(to: folder.socket)
    let accepted = try #require(new.accept())
    #expect(accepted.write([7, 10], milliseconds: 1000) && client.readLine(limit: 4, milliseconds: 1000) == [7])
    new.end()
    #expect(mode(folder.socket) == nil && new.accept() == nil)
  }
}
