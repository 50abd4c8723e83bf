/// A few lines of text that stand for a file which was not fetched: the commonest way for weights to be no weights.
enum GitPointer {
    private static let start = Array("version https://git-lfs".utf8)

    static func refuse(_ bytes: UnsafeRawBufferPointer, file: String) throws(CheckpointError) {
        guard bytes.starts(with: start) else { return }
        throw CheckpointError(
            .unsupported, file: file, "is a pointer of Git LFS, not the file itself", remedy: "run git lfs pull")
    }
}
