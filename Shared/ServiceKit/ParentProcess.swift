import Foundation
import Glibc

/// The process that started this one, watched so that no service outlives the `colloquy up` it belongs to.
///
/// Linux can send a signal at the parent's end (`PR_SET_PDEATHSIG`), but counts the end of the *thread* that started
/// the child, and a supervisor starts children on pool threads that come and go. Asking four times a second who the
/// parent is has no such trap and costs nothing that can be measured.
enum ParentProcess {
    private static let interval: TimeInterval = 0.25

    /// Sends this process SIGTERM when its parent is gone, also when it went before this call.
    ///
    /// - Parameter expected: The parent as it named itself; nil takes whoever it is now.
    static func terminateWithIt(expected: Int32?) {
        let parent = expected ?? getppid()
        Thread.detachNewThread { @Sendable in
            while getppid() == parent { Thread.sleep(forTimeInterval: interval) }
            kill(getpid(), SIGTERM)
        }
    }
}
