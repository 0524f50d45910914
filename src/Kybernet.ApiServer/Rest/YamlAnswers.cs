using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Yaml;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest;

/// <summary>Turns answers into YAML for the few clients that would rather have it: people, mostly. Everybody else pays no more than a look at a header.</summary>
internal static class YamlAnswers
{
    /// <summary>The media type of YAML, as RFC 9512 has it.</summary>
    public const string MediaType = "application/yaml";

    // An object may be as deep as the decoder takes it, and lists put two levels around it.
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = ModelJson.MaxDepth + 2 };

    /// <summary>The answer as it is, or as YAML where that is what the client likes best. What is no API object is always JSON or text.</summary>
    public static ApiResponse Translate(ApiRequest request, ApiResponse response)
    {
        if (!IsWanted(request.Accept) || !request.Path.StartsWith("/api", StringComparison.Ordinal))
        {
            return response;
        }
        return response switch
        {
            ObjectResponse item => Write(item.StatusCode, item.Object.Json),
            ListResponse list => Write(list.StatusCode, ListEncoding.Join(list)),
            BodyResponse { ContentType: "application/json" } body => Write(body.StatusCode, body.Body),
            _ => response,
        };
    }

    /// <summary>Whether the first type in the header that is served is YAML.</summary>
    private static bool IsWanted(string accept)
    {
        if (!accept.Contains(MediaType, StringComparison.Ordinal))
        {
            return false;
        }
        foreach (var range in accept.Split(','))
        {
            switch (range.Split(';', 2)[0].Trim())
            {
                case MediaType:
                    return true;
                case "application/json" or "application/*" or "*/*":
                    return false;
            }
        }
        return false;
    }

    private static BodyResponse Write(int statusCode, ReadOnlyMemory<byte> json) =>
        new(statusCode, MediaType, Encoding.UTF8.GetBytes(YamlWriter.Write(JsonNode.Parse(json.Span, documentOptions: Deep))));
}
