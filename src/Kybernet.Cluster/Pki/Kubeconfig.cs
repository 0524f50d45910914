using System.Text;
using Kybernet.Api.Certificates;

namespace Kybernet.Cluster.Pki;

/// <summary>Writes kubeconfig files, with keys and certificates inside unless those are renewed in files of their own.</summary>
internal static class Kubeconfig
{
    /// <summary>Writes the file, unless it says just that already (so that its age does not change with every start).</summary>
    /// <param name="path">Where to.</param>
    /// <param name="server">The API server's address, <c>https://...</c>.</param>
    /// <param name="authority">The PEM certificate of the cluster's authority.</param>
    /// <param name="user">What the user is called inside the file.</param>
    /// <param name="client">The user's certificate.</param>
    public static void Write(string path, string server, string authority, string user, PemPair client) =>
        Write(path, server, authority, user, $"client-certificate-data: {Encode(client.Certificate)}", $"client-key-data: {Encode(client.PrivateKey)}");

    /// <summary>Writes the file for a user whose certificate and key are in a file that is renewed.</summary>
    public static void Write(string path, string server, string authority, string user, string certificateFile) =>
        Write(path, server, authority, user, $"client-certificate: {certificateFile}", $"client-key: {certificateFile}");

    private static void Write(string path, string server, string authority, string user, string certificateLine, string keyLine)
    {
        var content = Format(server, authority, user, certificateLine, keyLine);
        if (!File.Exists(path) || File.ReadAllText(path) != content)
        {
            SecretFile.Write(path, content);
        }
    }

    private static string Format(string server, string authority, string user, string certificateLine, string keyLine) =>
        $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: kybernet
          cluster:
            certificate-authority-data: {Encode(authority)}
            server: {server}
        contexts:
        - name: {user}@kybernet
          context:
            cluster: kybernet
            user: {user}
        current-context: {user}@kybernet
        preferences: {"{}"}
        users:
        - name: {user}
          user:
            {certificateLine}
            {keyLine}

        """;

    private static string Encode(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
}
