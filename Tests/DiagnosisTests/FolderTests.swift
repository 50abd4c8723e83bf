import Diagnosis
import Foundation
import TestSupport
import Testing

@Suite struct FolderTests {
    private func folder(_ presence: Folder.Presence, freeBytes: Int? = 1_000_000_000_000) -> Folder {
        Folder(path: "/a/b", presence: presence, freeBytes: freeBytes)
    }

    @Test func ofSocketsIsOursAndClosed() {
        func state(_ presence: Folder.Presence) -> Finding.State { folder(presence).asRuntimeFolder(user: 7).state }
        #expect(state(.present(owner: 7, mode: 0o700, isWritable: true)) == .good)
        #expect(state(.present(owner: 7, mode: 0o755, isWritable: true)) == .note)
        #expect(state(.present(owner: 7, mode: 0o500, isWritable: false)) == .fault)
        #expect(state(.present(owner: 8, mode: 0o700, isWritable: true)) == .fault)
        #expect(state(.absent(parent: "/a", isParentWritable: true)) == .good)
        #expect(state(.absent(parent: "/a", isParentWritable: false)) == .fault)
        #expect(state(.notAFolder) == .fault)
    }

    @Test func ofDataCanBeWrittenAndHasRoom() {
        func state(_ presence: Folder.Presence, freeBytes: Int? = nil) -> Finding.State {
            folder(presence, freeBytes: freeBytes).asDataFolder().state
        }
        #expect(state(.present(owner: 8, mode: 0o755, isWritable: true)) == .good)
        #expect(state(.present(owner: 7, mode: 0o755, isWritable: false)) == .fault)
        #expect(state(.absent(parent: "/a", isParentWritable: true)) == .good)
        #expect(state(.absent(parent: "/a", isParentWritable: false)) == .fault)
        #expect(state(.notAFolder) == .fault)
        #expect(state(.present(owner: 7, mode: 0o700, isWritable: true), freeBytes: 1_000_000) == .fault)
    }

    /// Every fault and every note says what mends it.
    @Test func neverComplainsWithoutARemedy() {
        let presences: [Folder.Presence] = [
            .notAFolder, .absent(parent: "/", isParentWritable: false), .absent(parent: "/", isParentWritable: true),
            .present(owner: 1, mode: 0o777, isWritable: true), .present(owner: 0, mode: 0, isWritable: false),
        ]
        for presence in presences {
            for finding in [folder(presence).asRuntimeFolder(user: 1), folder(presence, freeBytes: 0).asDataFolder()] {
                #expect((finding.state == .good) == (finding.remedy == nil), "\(finding)")
            }
        }
    }

    @Test func isSeenAsItIs() throws {
        let scratch = try ScratchFolder()
        let ours = scratch.url.appending(path: "ours")
        try FileManager.default.createDirectory(
            at: ours, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let present = Folder(lookingAt: ours.path, followsLinks: false)
        guard case .present(_, 0o700, true) = present.presence else {
            Issue.record("\(present)")
            return
        }
        #expect((present.freeBytes ?? 0) > 0)

        let file = scratch.url.appending(path: "file")
        try Data().write(to: file)
        #expect(Folder(lookingAt: file.path, followsLinks: true).presence == .notAFolder)

        let absent = Folder(lookingAt: ours.appending(path: "a/b").path, followsLinks: false)
        #expect(absent.presence == .absent(parent: ours.path, isParentWritable: true))

        // A link in /tmp may be somebody else's doing.
        let link = scratch.url.appending(path: "link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: ours)
        #expect(Folder(lookingAt: link.path, followsLinks: false).presence == .notAFolder)
        #expect(Folder(lookingAt: link.path, followsLinks: true).presence != .notAFolder)
    }
}
