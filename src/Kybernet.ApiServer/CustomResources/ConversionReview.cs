using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Webhooks;

namespace Kybernet.ApiServer.CustomResources;

/// <summary>Writes the questions for conversion webhooks, and reads their answers: <c>ConversionReview</c> of <c>apiextensions.k8s.io/v1</c>.</summary>
internal static class ConversionReview
{
    private const string ApiVersion = "apiextensions.k8s.io/v1";
    private const string Kind = "ConversionReview";

    /// <summary>Writes a question.</summary>
    public static byte[] Write(string uid, GroupVersion version, IEnumerable<JsonObject> items) => ModelJson.ToUtf8(new JsonObject
    {
        ["kind"] = Kind,
        ["apiVersion"] = ApiVersion,
        ["request"] = new JsonObject
        {
            ["uid"] = uid,
            ["desiredAPIVersion"] = version.ToString(),
            ["objects"] = new JsonArray([.. items.Select(static item => item.DeepClone())]),
        },
    });

    /// <summary>Reads an answer.</summary>
    /// <returns>The objects that it holds.</returns>
    /// <exception cref="WebhookException">It is none, or says that the conversion failed.</exception>
    public static IReadOnlyList<JsonNode?> Read(byte[] json, string uid)
    {
        var response = WebhookAnswer.Read(json, ApiVersion, Kind)["response"] as JsonObject ?? throw new WebhookException("no response provided");
        WebhookAnswer.CheckUid(response, uid);
        var result = response["result"] as JsonObject;
        var status = JsonValues.String(result?["status"]) ?? "";
        if (status != "Success")
        {
            throw new WebhookException(JsonValues.String(result?["message"]) is { Length: > 0 } message ? message : $"response.result.status was '{status}', not 'Success'");
        }
        return response["convertedObjects"] is JsonArray converted ? [.. converted] : [];
    }
}
