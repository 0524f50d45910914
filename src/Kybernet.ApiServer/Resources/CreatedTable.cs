using System.Globalization;
using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources;

/// <summary>The table of kinds that show when they were made, as custom resources do too.</summary>
internal static class CreatedTable
{
    // A ConfigMap's model stands in for any kind: only metadata is read.
    public static TableDefinition Definition { get; } = new(
        [Columns.Name, new("Created At", "date", "", "When the object was created.", 0)],
        static (item, _) =>
        [
            item.Header.Name,
            Kybernet.Api.Json.ModelJson.Parse<ConfigMap>(item.Json.Span).Metadata.CreationTimestamp?.UtcDateTime
                .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        ]);
}
