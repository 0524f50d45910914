using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Rest;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>Definitions of custom resources: <c>apiextensions.k8s.io/v1</c>.</summary>
internal sealed class DefinitionStrategy : DefaultStrategy
{
    private static readonly TableDefinition Definitions = TableBuilder.For<CustomResourceDefinition>().Name().CreatedAt().Build();

    /// <inheritdoc/>
    public override TableDefinition Table => Definitions;

    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        if (item["spec"]?["names"] is JsonObject names && JsonValues.String(names["kind"]) is { Length: > 0 } kind)
        {
            SetEmpty(names, "singular", kind.ToLowerInvariant());
            SetEmpty(names, "listKind", kind + "List");
        }
    }

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject item, WriteContext context)
    {
        item["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(),
            ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" },
            ["storedVersions"] = new JsonArray(),
        };
        RememberStorageVersion(item);
    }

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject item, JsonObject previous, WriteContext context) => RememberStorageVersion(item);

    /// <inheritdoc/>
    public override void PrepareForDelete(JsonObject item)
    {
        var metadata = MetadataTree.Of(item);
        var finalizers = MetadataTree.Finalizers(metadata);
        if (!finalizers.Contains(DefinitionTypes.CleanupFinalizer))
        {
            MetadataTree.SetFinalizers(metadata, [.. finalizers, DefinitionTypes.CleanupFinalizer]);
        }
    }

    /// <inheritdoc/>
    public override void ValidateCreate(EncodedObject item, FieldErrors errors) =>
        DefinitionRules.Validate(item.As<CustomResourceDefinition>(), errors);

    /// <inheritdoc/>
    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var definition = item.As<CustomResourceDefinition>();
        DefinitionRules.Validate(definition, errors);
        DefinitionRules.ValidateChange(definition, previous.As<CustomResourceDefinition>(), errors);
    }

    /// <inheritdoc/>
    public override void ValidateStatusUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) =>
        DefinitionRules.ValidateStoredVersions(item.As<CustomResourceDefinition>(), errors);

    /// <summary>A version that objects may be stored in must not be taken out of the definition before somebody has rewritten them.</summary>
    private static void RememberStorageVersion(JsonObject item)
    {
        var storage = item["spec"]?["versions"]?.AsArray().FirstOrDefault(static version => JsonValues.Bool(version?["storage"]) == true);
        if (JsonValues.String(storage?["name"]) is not { } name)
        {
            return; // which validation tells of
        }
        var status = item.EnsureObject("status");
        if (status["storedVersions"] is not JsonArray stored)
        {
            status["storedVersions"] = stored = [];
        }
        if (!stored.Any(version => JsonValues.String(version) == name))
        {
            stored.Add((JsonNode)name);
        }
    }

    private static void SetEmpty(JsonObject item, string field, string value)
    {
        if (JsonValues.String(item[field]) is null or "")
        {
            item[field] = value;
        }
    }
}
