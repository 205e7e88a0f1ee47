/// Something that an event loop calls when its descriptor is ready or its deadline has come.
///
/// Lives on one loop's thread and is never handed to another; `Token` names it from elsewhere.
open class Pollable {
  /// Names a pollable of one loop in a way that cannot be mistaken after its slot was given to another one.
  public struct Token: Sendable, Hashable {
    package let slot: UInt32
    package let generation: UInt32
  }

  /// What the kernel said about a descriptor since it was last asked.
  public struct Readiness: OptionSet, Sendable {
    /// The bits below.
    public let rawValue: UInt8
    /// Any set of bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// There may be something to read, the end included.
    public static let readable = Readiness(rawValue: 1)
    /// There may be room to write.
    public static let writable = Readiness(rawValue: 2)
    /// The peer sends no more, or the connection failed.
    public static let ending = Readiness(rawValue: 8)
    /// The connection failed or was closed in both directions.
    public static let hangup = Readiness(rawValue: 4)
  }

  /// The loop's name for this; `nil` while it is not registered.
  package final var token: Token? { registration }
  /// When `deadlineReached` is due, in the loop's milliseconds; `Int64.max` for never. Set through `EventLoop.setDeadline`.
  package final var deadline: Int64 { due }
  // Stored apart: the compiler proves what it sees all accesses of, and checks the others each time.
  final var registration: Token?
  final var due = Int64.max
  /// Due time of the earliest timer entry that is queued for this one.
  final var queuedDeadline = Int64.max
  /// Whether it waits to be called again without an event.
  final var isRequeued = false

  /// Not yet registered.
  public init() {}

  /// Has `deadlineReached` not called any more until a deadline is set again.
  package final func clearDeadline() { due = .max }

  /// The descriptor is ready, or was requeued (then `readiness` is empty). Edge-triggered: go on until the kernel says "would block".
  open func ready(_ readiness: Readiness) {}

  /// The deadline set last has passed; it is cleared before the call.
  open func deadlineReached() {}
}
