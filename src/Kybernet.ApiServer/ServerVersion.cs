using System.Runtime.InteropServices;

namespace Kybernet.ApiServer;

/// <summary>The version of the API that is served, as every component tells it.</summary>
public static class ServerVersion
{
    /// <summary>The major version.</summary>
    public const string Major = "1";

    /// <summary>The minor version.</summary>
    public const string Minor = "36";

    /// <summary>The whole version, with whose it is.</summary>
    public const string Git = "v1.36.0+kybernet";

    /// <summary>The processor's architecture, as images and nodes name it.</summary>
    public static string Architecture => RuntimeInformation.ProcessArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };
}
