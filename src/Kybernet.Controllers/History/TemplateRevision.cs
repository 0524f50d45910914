using System.Text.Json.Nodes;
using Kybernet.Api.Apps.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;

namespace Kybernet.Controllers.History;

/// <summary>
/// What a ControllerRevision keeps of a workload: a strategic merge patch that replaces the pod template, so that who applies it to the workload, as
/// <c>kubectl rollout undo</c> does, goes back to that revision.
/// </summary>
internal static class TemplateRevision
{
    public static RawJson Data(PodTemplateSpec template)
    {
        var replaced = ModelJson.ToTree(template);
        replaced["$patch"] = "replace";
        return new RawJson(ModelJson.ToUtf8(new JsonObject { ["spec"] = new JsonObject { ["template"] = replaced } }));
    }

    /// <summary>The template of a revision.</summary>
    /// <exception cref="System.Text.Json.JsonException">Somebody wrote something else there.</exception>
    public static PodTemplateSpec Template(ControllerRevision revision)
    {
        var template = Parse(revision)?["spec"]?["template"]?.AsObject() ?? [];
        template.Remove("$patch");
        return ModelJson.Parse<PodTemplateSpec>(template);
    }

    public static bool Same(ControllerRevision left, ControllerRevision right) => ModelJson.Same(Parse(left), Parse(right));

    private static JsonNode? Parse(ControllerRevision revision) => revision.Data is { IsEmpty: false } data ? JsonNode.Parse(data.Utf8.Span) : null;
}
