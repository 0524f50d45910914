using System.Text.Json.Nodes;
using Kybernet.Api.Yaml;

namespace Kybernet.Kubelet.Images;

/// <summary>A program that knows the credentials for some images.</summary>
/// <param name="Name">The program's name.</param>
/// <param name="Patterns">The images that it is asked about.</param>
/// <param name="ApiVersion">The version of the request and its answer.</param>
/// <param name="CacheDuration">How long an answer is good that does not say so itself.</param>
/// <param name="Arguments">What the program is started with.</param>
/// <param name="Environment">What its environment has besides the kubelet's.</param>
internal sealed record CredentialProvider(
    string Name,
    IReadOnlyList<ImagePattern> Patterns,
    string ApiVersion,
    TimeSpan CacheDuration,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment)
{
    private const string ConfigurationKind = "CredentialProviderConfig";
    private static readonly string[] ConfigurationVersions = ["kubelet.config.k8s.io/v1", "kubelet.config.k8s.io/v1beta1", "kubelet.config.k8s.io/v1alpha1"];

    /// <summary>Reads a file with a CredentialProviderConfig.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static IReadOnlyList<CredentialProvider> Parse(string text)
    {
        var root = YamlReader.Read(text);
        if ((string?)root?["kind"] != ConfigurationKind || !ConfigurationVersions.Contains((string?)root?["apiVersion"]))
        {
            throw new FormatException($"it is no {ConfigurationKind} of {ConfigurationVersions[0]}");
        }
        return [.. root?["providers"]?.AsArray().Select(static provider => Provider(provider!)) ?? []];
    }

    private static CredentialProvider Provider(JsonNode node) => new(
        (string?)node["name"] ?? throw new FormatException("providers[].name: Required value"),
        [.. node["matchImages"]?.AsArray().Select(static pattern => new ImagePattern((string)pattern!)) ?? []],
        (string?)node["apiVersion"] ?? throw new FormatException("providers[].apiVersion: Required value"),
        Api.Times.GoDuration.Parse((string?)node["defaultCacheDuration"] ?? throw new FormatException("providers[].defaultCacheDuration: Required value")),
        [.. node["args"]?.AsArray().Select(static argument => (string)argument!) ?? []],
        (node["env"]?.AsArray() ?? []).ToDictionary(static variable => (string)variable!["name"]!, static variable => (string)variable!["value"]!, StringComparer.Ordinal));
}
