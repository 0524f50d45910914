using Kybernet.Api;

namespace Kybernet.ApiServer.Resources;

/// <summary>The table of a kind that has no columns of its own: its name, and when it was made.</summary>
internal static class DefaultTable
{
    /// <summary>The table.</summary>
    public static TableDefinition Instance { get; } =
        new TableBuilder<Api.Meta.V1.ObjectMeta>(static item => ObjectHeader.ReadMetadata(item.Json.Span), static metadata => metadata).Name().CreatedAt().Build();
}
