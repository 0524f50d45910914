using System.Net;
using System.Net.Sockets;

namespace Kybernet.EtcdHarness;

/// <summary>Two ports that nobody had a moment ago.</summary>
internal readonly record struct EtcdPorts(int Client, int Peer)
{
    public static EtcdPorts Choose()
    {
        // Both are held at once, so that they differ.
        using var client = new TcpListener(IPAddress.Loopback, 0);
        using var peer = new TcpListener(IPAddress.Loopback, 0);
        client.Start();
        peer.Start();
        return new EtcdPorts(((IPEndPoint)client.LocalEndpoint).Port, ((IPEndPoint)peer.LocalEndpoint).Port);
    }
}
