using k8s.Models;

namespace Kybernet.Testing.Tests;

/// <summary>Objects that many tests make.</summary>
internal static class Objects
{
    public static V1ConfigMap ConfigMap(string name, string value) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Data = new Dictionary<string, string> { ["value"] = value },
    };
}
