using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Ownership;
using Kybernet.Api.Schema;

namespace Kybernet.ApiServer.Rest.Ownership;

/// <summary>What <c>kubectl apply</c> notes of its last configuration in an annotation, for those who go over to server-side apply, and back.</summary>
internal static class LastApplied
{
    private const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    private const string Manager = "kubectl";

    /// <summary>The fields that are as the annotation says: those kubectl may take over without a conflict.</summary>
    public static FieldSet FieldsOf(ManagedEntry writer, JsonObject live, TypeSchema schema)
    {
        if (writer.Manager != Manager || Noted(live) is not { } text)
        {
            return FieldSet.Empty;
        }
        try
        {
            if (JsonNode.Parse(text) is not JsonObject configuration)
            {
                return FieldSet.Empty;
            }
            var comparison = FieldComparison.Of(configuration, live, schema, FieldSet.Empty, parts: null);
            return OwnedFields.Of(configuration, schema).Except(comparison.Changed).Except(comparison.Removed);
        }
        catch (Exception exception) when (exception is JsonException or OwnershipException)
        {
            return FieldSet.Empty; // not kubectl's
        }
    }

    /// <summary>Notes the new configuration where there was one, so that a client that goes back to applying by itself knows what it said last.</summary>
    public static void Note(ManagedEntry writer, JsonObject item, JsonObject configuration)
    {
        if (writer.Manager == Manager && Noted(item) is not null)
        {
            MetadataTree.Of(item)["annotations"]![Annotation] = Encoding.UTF8.GetString(ModelJson.ToUtf8(configuration)) + "\n";
        }
    }

    private static string? Noted(JsonObject item) => item["metadata"]?["annotations"] is JsonObject annotations ? JsonValues.String(annotations[Annotation]) : null;
}
