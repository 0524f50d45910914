using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Webhooks;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>What is taken of what a conversion webhook answers: nobody becomes another object by being converted.</summary>
internal static class ConvertedObject
{
    private static readonly (string Field, string Name)[] Identity = [("name", "name"), ("namespace", "namespace"), ("uid", "UID")];

    /// <summary>The converted object with the metadata of the original, but for labels and annotations.</summary>
    /// <exception cref="WebhookException">It is not the same object in that version.</exception>
    public static JsonObject Accept(JsonObject original, JsonNode? answer, GroupVersion version)
    {
        if (answer is not JsonObject converted)
        {
            throw new WebhookException("it is no object");
        }
        if (JsonValues.String(converted["apiVersion"]) is var given && given != version.ToString())
        {
            throw new WebhookException($"invalid groupVersion (expected {version}, received {given})");
        }
        if (JsonValues.String(original["kind"]) is var expected && JsonValues.String(converted["kind"]) is var kind && kind != expected)
        {
            throw new WebhookException($"invalid kind (expected {expected}, received {kind})");
        }
        if (converted["metadata"] is not JsonObject metadata)
        {
            throw new WebhookException("missing metadata in converted object");
        }
        var before = MetadataTree.Of(original);
        foreach (var (field, name) in Identity)
        {
            var (was, became) = (MetadataTree.Text(before, field), MetadataTree.Text(metadata, field));
            if (was != became)
            {
                throw new WebhookException($"must have the same {name}: {was} != {became}");
            }
        }
        var result = (JsonObject)converted.DeepClone();
        result["metadata"] = Merge(before, metadata);
        return result;
    }

    private static JsonObject Merge(JsonObject before, JsonObject metadata)
    {
        var merged = (JsonObject)before.DeepClone();
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            merged.Remove(field);
            if (metadata[field] is { } values)
            {
                merged[field] = Texts(field, values);
            }
        }
        var model = ModelJson.Parse<ObjectMeta>(merged);
        var errors = new FieldErrors();
        LabelRules.ValidateLabels(model.Labels, FieldPath.Of("metadata").Child("labels"), errors);
        return errors.IsEmpty ? merged : throw new WebhookException(string.Join(", ", errors.Items));
    }

    private static JsonObject Texts(string field, JsonNode values)
    {
        if (values is not JsonObject map)
        {
            throw new WebhookException($"invalid metadata.{field} in converted object");
        }
        foreach (var (key, value) in map)
        {
            if (JsonValues.String(value) is null)
            {
                throw new WebhookException($"metadata.{field}[{key}] must be a string");
            }
        }
        return (JsonObject)map.DeepClone();
    }
}
