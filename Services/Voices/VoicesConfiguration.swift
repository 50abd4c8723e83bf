import Foundation
import ServiceKit

/// What the voices service is told beside what every service is.
struct VoicesConfiguration: ServiceConfiguration {
    static let service = "voices"
    static let summary = "keeps voices, their prompts and the codes that codecs made of them"

    static let database = ConfigurationKey.path(
        "database", defaultText: "<data_dir>/voices.sqlite",
        reason: "the library's file; several voices processes of one machine may share it")

    static let keys = [database.declaration]

    let database: String

    init(_ reader: inout ConfigurationReader, settings: ServiceSettings) throws(ConfigurationError) {
        database = StandardPlaces(environment: reader.environment).expand(
            try reader.value(
                of: Self.database, orElse: settings.dataDirectory.appending(path: "voices.sqlite").path))
    }
}
