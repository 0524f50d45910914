using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.ApiServer.Webhooks;

/// <summary>What is looked at in an answer whatever the question was.</summary>
internal static class WebhookAnswer
{
    /// <summary>Reads an answer that has to be of a kind.</summary>
    /// <exception cref="WebhookException">It is not.</exception>
    public static JsonObject Read(byte[] json, string apiVersion, string kind)
    {
        JsonObject answer;
        try
        {
            answer = ModelJson.ParseTree(json) as JsonObject ?? throw new WebhookException("the answer is no object");
        }
        catch (JsonException exception)
        {
            throw new WebhookException($"couldn't get version/kind; json parse error: {exception.Message}", exception);
        }
        var (givenVersion, givenKind) = (JsonValues.String(answer["apiVersion"]), JsonValues.String(answer["kind"]));
        return givenVersion == apiVersion && givenKind == kind
            ? answer
            : throw new WebhookException($"expected webhook response of {apiVersion}, Kind={kind}, got {givenVersion}, Kind={givenKind}");
    }

    /// <summary>Checks that it is the answer to a question.</summary>
    /// <exception cref="WebhookException">It is another's.</exception>
    public static void CheckUid(JsonObject response, string uid)
    {
        if (JsonValues.String(response["uid"]) is var given && given != uid)
        {
            throw new WebhookException($"expected response.uid=\"{uid}\", got \"{given}\"");
        }
    }
}
