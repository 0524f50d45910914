using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Images;

/// <summary>Reads the credentials in a Secret of type <c>kubernetes.io/dockerconfigjson</c> or the older <c>kubernetes.io/dockercfg</c>.</summary>
internal static class DockerConfiguration
{
    /// <summary>Those for an image, the ones of the narrowest pattern first. What is no such configuration has none: the registry's refusal says so.</summary>
    public static IEnumerable<RegistryCredentials> Find(Secret secret, string image)
    {
        try
        {
            var servers = secret.Data.TryGetValue(".dockerconfigjson", out var config) ? JsonNode.Parse(config.Span)?["auths"]
                : secret.Data.TryGetValue(".dockercfg", out var older) ? JsonNode.Parse(older.Span)
                : null;
            return (servers?.AsObject() ?? [])
                .Select(static server => (Pattern: new ImagePattern(server.Key), Entry: server.Value))
                .Where(server => server.Pattern.Matches(image))
                .OrderByDescending(static server => server.Pattern.Length)
                .Select(server => Credentials(server.Entry))
                .ToArray();
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            return [];
        }
    }

    private static RegistryCredentials Credentials(JsonNode? entry)
    {
        var auth = entry?["auth"]?.GetValue<string>() ?? "";
        var user = entry?["username"]?.GetValue<string>() ?? "";
        var password = entry?["password"]?.GetValue<string>() ?? "";
        if (user.Length == 0 && auth.Length > 0)
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(auth));
            var colon = pair.IndexOf(':');
            (user, password) = colon < 0 ? (pair, "") : (pair[..colon], pair[(colon + 1)..]);
        }
        return new RegistryCredentials(user, password);
    }
}
