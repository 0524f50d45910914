using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network;

/// <summary>
/// An image with real resolvers: <c>dig</c>, and <c>getent</c>, which resolves as every program that is linked with glibc does (search path, hosts file).
/// </summary>
internal static class ResolverImage
{
    public const string Name = "kybernet.local/resolver:1.0";

    /// <summary>Makes the image and gives it to the cluster.</summary>
    public static Task ImportAsync(KybernetProgram program, CancellationToken cancellationToken) =>
        ProgramImage.ImportAsync(program, Name, ["/usr/bin/dig", "/usr/bin/getent"], cancellationToken);
}
