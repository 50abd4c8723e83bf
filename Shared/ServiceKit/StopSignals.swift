import Glibc
public import UnixSignals

/// What asks a process to stop.
public enum StopSignals {
    /// Ctrl-C, a supervisor's request, and the end of the terminal, unless that is ignored (`nohup`).
    public static var trapped: [UnixSignal] {
        var action = sigaction()
        let isIgnored =
            sigaction(SIGHUP, nil, &action) == 0
            && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
        return isIgnored ? [.sigint, .sigterm] : [.sigint, .sigterm, .sighup]
    }
}
