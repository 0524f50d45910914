using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Apps;

/// <summary>ControllerRevisions: what a workload was; only its number changes.</summary>
internal static class ControllerRevisions
{
    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        if (Data(item) is null)
        {
            errors.Required(FieldPath.Of("data"), "data is mandatory");
        }
        if (item.As<ControllerRevision>().Revision is < 0 and var revision)
        {
            errors.Invalid(FieldPath.Of("revision"), revision, FieldRules.Negative);
        }
    }

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(Data(item), Data(previous)))
        {
            errors.InvalidJson(FieldPath.Of("data"), Data(item)?.ToJsonString() ?? "null", FieldRules.Immutable);
        }
    }

    private static JsonNode? Data(EncodedObject item) => JsonNode.Parse(item.Json.Span)?["data"];
}
