using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Storage;

/// <summary>The four ways in which a pod can have the keys of a ConfigMap or Secret as files.</summary>
public enum ObjectVolume
{
    ConfigMap,
    Secret,
    ProjectedConfigMap,
    ProjectedSecret,
}

/// <summary>Writes such volumes down, and makes what they show.</summary>
internal static class ObjectVolumes
{
    public static bool IsSecret(this ObjectVolume kind) => kind is ObjectVolume.Secret or ObjectVolume.ProjectedSecret;

    /// <summary>The volume.</summary>
    /// <param name="kind">How it is shown.</param>
    /// <param name="volume">The volume's name.</param>
    /// <param name="source">The object's name.</param>
    /// <param name="more">More members of what names the object, beginning with a comma: items, optional.</param>
    /// <param name="mode">The default mode, octal; empty for none.</param>
    public static string Json(this ObjectVolume kind, string volume, string source, string more = "", string mode = "")
    {
        var modeMember = mode.Length > 0 ? $", \"defaultMode\": {Convert.ToInt32(mode, 8)}" : "";
        return kind switch
        {
            ObjectVolume.ConfigMap => $$"""{ "name": "{{volume}}", "configMap": { "name": "{{source}}"{{more}}{{modeMember}} } }""",
            ObjectVolume.Secret => $$"""{ "name": "{{volume}}", "secret": { "secretName": "{{source}}"{{more}}{{modeMember}} } }""",
            ObjectVolume.ProjectedConfigMap =>
                $$"""{ "name": "{{volume}}", "projected": { "sources": [{ "configMap": { "name": "{{source}}"{{more}} } }]{{modeMember}} } }""",
            _ => $$"""{ "name": "{{volume}}", "projected": { "sources": [{ "secret": { "name": "{{source}}"{{more}} } }]{{modeMember}} } }""",
        };
    }

    /// <summary>Makes the object with these keys, or changes it to have them.</summary>
    public static async Task ApplyAsync(this ObjectVolume kind, Kubectl kubectl, string name, CancellationToken cancellationToken, params string[] pairs)
    {
        var data = string.Join(", ", pairs.Select(static pair => pair.Split('=')).Select(static pair => $"\"{pair[0]}\": \"{pair[1]}\""));
        var manifest = kind.IsSecret()
            ? $$"""{ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "{{name}}" }, "stringData": { {{data}} } }"""
            : $$"""{ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "{{name}}" }, "data": { {{data}} } }""";
        (await kubectl.FeedAsync(manifest, cancellationToken, "apply", "-f", "-")).Succeeded();
    }

    /// <summary>What the object is called on the command line.</summary>
    public static string Resource(this ObjectVolume kind) => kind.IsSecret() ? "secret" : "configmap";
}
