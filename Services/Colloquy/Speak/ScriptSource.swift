import Contracts
import Foundation
import ServiceKit

/// Where a script comes from.
enum ScriptSource {
    /// - Parameter argument: Text with a tag in it, or a file's path, or `-`; nil reads standard input.
    static func text(_ argument: String?) throws(ServiceFailure) -> String {
        let bytesMax = ContractLimits.scriptBytesMax
        guard let argument, argument != "-" else {
            guard argument != nil || isatty(STDIN_FILENO) == 0 else {
                throw ServiceFailure(.usage, "what shall be said? give a script, a file, or - for standard input")
            }
            let bytes = try InputFile.bytes(.standardInput, name: "standard input", bytesMax: bytesMax)
            return try InputFile.text(bytes, name: "standard input")
        }
        // A script begins with a tag, or has spaces that no sensible path has where no such file is.
        if argument.contains("["), !FileManager.default.fileExists(atPath: argument) { return argument }
        if FileManager.default.fileExists(atPath: argument) {
            return try InputFile.text(try InputFile.bytes(argument, bytesMax: bytesMax), name: argument)
        }
        guard argument.contains(where: \.isWhitespace) else {
            throw ServiceFailure(.noInput, "\(argument) is no file; a script is text such as \"[S1]Hello.\"")
        }
        return argument
    }
}
