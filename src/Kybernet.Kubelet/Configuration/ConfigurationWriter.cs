using System.Text.Json.Nodes;

namespace Kybernet.Kubelet.Configuration;

/// <summary>Says in the words of KubeletConfiguration what a kubelet was told.</summary>
internal static class ConfigurationWriter
{
    public static JsonObject Write(KubeletOptions options)
    {
        var root = new JsonObject();
        foreach (var field in ConfigurationFields.All)
        {
            if (field.Get(options) is not { } value)
            {
                continue;
            }
            var names = field.Path.Split('.');
            var parent = root;
            foreach (var name in names[..^1])
            {
                parent[name] ??= new JsonObject();
                parent = parent[name]!.AsObject();
            }
            parent[names[^1]] = value;
        }
        return root;
    }
}
