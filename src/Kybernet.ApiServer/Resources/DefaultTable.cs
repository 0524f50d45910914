using Kybernet.Api;

namespace Kybernet.ApiServer.Resources;

/// <summary>The table of a kind that has no columns of its own: its name, and when it was made.</summary>
internal static class DefaultTable
{
    /// <summary>The table.</summary>
    public static TableDefinition Instance { get; } = new(
        [Columns.Name, new TableColumn("Created At", "date", "", "When the object was created.", 0)],
        static (item, _) => [item.Header.Name, ObjectHeader.ReadMetadata(item.Json.Span).CreationTimestamp?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)]);
}
