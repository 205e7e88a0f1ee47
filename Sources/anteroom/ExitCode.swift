/// What the process tells its parent (the first three as in sysexits.h).
enum ExitCode: Int32 {
  case fine = 0
  case usage = 64
  case configuration = 78
  case failure = 1
}
