using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Objects;
using Kybernet.Kubelet.Runtime;

namespace Kybernet.Kubelet.Images;

/// <summary>Finds the credentials for an image's registry among a pod's pull secrets.</summary>
internal sealed class RegistryLogin(PodObjects objects)
{
    /// <summary>The first that fits; null where none does.</summary>
    public async Task<RegistryCredentials?> FindAsync(Pod pod, string image, CancellationToken cancellationToken)
    {
        var registry = ImageName.RegistryOf(image);
        foreach (var reference in pod.Spec.ImagePullSecrets)
        {
            var secret = await objects.FindSecretAsync(pod.Metadata.Namespace ?? "", reference.Name ?? "", optional: true, cancellationToken);
            if (secret is not null && Find(secret, registry) is { } credentials)
            {
                return credentials;
            }
        }
        return null;
    }

    private static RegistryCredentials? Find(Secret secret, string registry)
    {
        if (!secret.Data.TryGetValue(".dockerconfigjson", out var config))
        {
            return null;
        }
        try
        {
            foreach (var (server, entry) in JsonNode.Parse(config.Span)?["auths"]?.AsObject() ?? [])
            {
                var host = server.Replace("https://", "", StringComparison.Ordinal).Replace("http://", "", StringComparison.Ordinal).Split('/')[0];
                if (host != registry && !(registry == "docker.io" && host == "index.docker.io"))
                {
                    continue;
                }
                var auth = entry?["auth"]?.GetValue<string>() ?? "";
                var user = entry?["username"]?.GetValue<string>() ?? "";
                var password = entry?["password"]?.GetValue<string>() ?? "";
                if (user.Length == 0 && auth.Length > 0)
                {
                    var pair = Encoding.UTF8.GetString(Convert.FromBase64String(auth));
                    var colon = pair.IndexOf(':');
                    (user, password) = colon < 0 ? (pair, "") : (pair[..colon], pair[(colon + 1)..]);
                }
                return new RegistryCredentials(user, password, "", registry);
            }
            return null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            // What a user put into the Secret is no Docker configuration: the registry is asked without credentials, and its answer is shown.
            return null;
        }
    }
}
