using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Admission.Expressions;
using Kybernet.ApiServer.Rest;
using Kybernet.ApiServer.Webhooks;

namespace Kybernet.ApiServer.Admission.Webhooks;

/// <summary>What a webhook says of a request.</summary>
/// <param name="IsAllowed">Whether it lets the request go on.</param>
/// <param name="Status">Why not; null where it does not say.</param>
/// <param name="Patch">What it changes, as a JSON patch; null for nothing.</param>
/// <param name="Warnings">What the client shall be told.</param>
internal sealed record AdmissionVerdict(bool IsAllowed, JsonObject? Status, JsonNode? Patch, IReadOnlyList<string> Warnings);

/// <summary>Writes the questions for webhooks, and reads their answers: <c>AdmissionReview</c> of <c>admission.k8s.io/v1</c>.</summary>
internal static class AdmissionReview
{
    private const string ApiVersion = "admission.k8s.io/v1";
    private const string Kind = "AdmissionReview";

    /// <summary>Writes a question.</summary>
    /// <param name="uid">By which the answer is known.</param>
    /// <param name="request">The request.</param>
    /// <param name="presented">The resource in the version that the webhook understands.</param>
    /// <param name="item">The object in that version; null for none.</param>
    /// <param name="previous">The object as it is in that version; null for none.</param>
    public static byte[] Write(string uid, AdmissionRequest request, ResourceEndpoint? presented, JsonNode? item, JsonNode? previous)
    {
        var question = AdmissionBindings.Describe(request);
        question["uid"] = uid;
        // What is asked about is told in the webhook's version; what the client asked for stays beside it.
        if (presented is not null && presented.Info.Resource != request.Resource)
        {
            question["resource"]!["version"] = presented.Info.Resource.Version;
            question["kind"]!["version"] = presented.Kind.Version;
        }
        question["object"] = item;
        question["oldObject"] = previous;
        question["options"] = OptionsOf(request);
        return ModelJson.ToUtf8(new JsonObject { ["kind"] = Kind, ["apiVersion"] = ApiVersion, ["request"] = question });
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="json">The answer.</param>
    /// <param name="uid">The question's.</param>
    /// <param name="mayChange">Whether the webhook may change the object.</param>
    /// <exception cref="WebhookException">It is none.</exception>
    public static AdmissionVerdict Read(byte[] json, string uid, bool mayChange)
    {
        var response = WebhookAnswer.Read(json, ApiVersion, Kind)["response"] as JsonObject ?? throw new WebhookException("webhook response was absent");
        WebhookAnswer.CheckUid(response, uid);
        var warnings = (response["warnings"] as JsonArray ?? []).Select(static warning => JsonValues.String(warning) ?? "").Where(static warning => warning.Length > 0).ToList();
        var isAllowed = response["allowed"] is JsonValue allowed && allowed.TryGetValue<bool>(out var value) && value;
        return new AdmissionVerdict(isAllowed, response["status"] as JsonObject, mayChange ? PatchOf(response) : null, warnings);
    }

    private static JsonNode? PatchOf(JsonObject response)
    {
        var patch = JsonValues.String(response["patch"]) ?? "";
        var type = JsonValues.String(response["patchType"]);
        if (patch.Length == 0)
        {
            return type is null ? null : throw new WebhookException("webhook returned response.patchType but not response.patch");
        }
        if (type != "JSONPatch")
        {
            throw new WebhookException(type is null ? "webhook returned response.patch but not response.patchType" : $"webhook returned invalid response.patchType of \"{type}\"");
        }
        try
        {
            return ModelJson.ParseTree(Convert.FromBase64String(patch));
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw new WebhookException($"the patch cannot be read: {exception.Message}", exception);
        }
    }

    private static JsonObject? OptionsOf(AdmissionRequest request)
    {
        var kind = request.Operation switch
        {
            AdmissionOperation.Create => "CreateOptions",
            AdmissionOperation.Update => "UpdateOptions",
            AdmissionOperation.Delete => "DeleteOptions",
            _ => null,
        };
        if (kind is null)
        {
            return null;
        }
        var options = new JsonObject { ["kind"] = kind, ["apiVersion"] = "meta.k8s.io/v1" };
        if (request.DryRun)
        {
            options["dryRun"] = new JsonArray("All");
        }
        return options;
    }
}
