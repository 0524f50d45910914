using System.Net;
using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Forwarding;

/// <summary>What a <c>resolv.conf</c> says.</summary>
/// <param name="Servers">The servers.</param>
/// <param name="Searches">The domains that short names are looked up in, one after another.</param>
internal sealed record HostResolver(IReadOnlyList<IPEndPoint> Servers, IReadOnlyList<byte[]> Searches)
{
    private const int DnsPort = 53;

    /// <summary>Reads the file; where there is none, nobody can be asked.</summary>
    public static HostResolver Load(string path) => File.Exists(path) ? Parse(File.ReadLines(path)) : new HostResolver([], []);

    /// <summary>Reads the lines of such a file. The last <c>search</c> counts.</summary>
    public static HostResolver Parse(IEnumerable<string> lines)
    {
        var servers = new List<IPEndPoint>();
        var searches = new List<byte[]>();
        foreach (var line in lines)
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case ["nameserver", var server, ..] when TryParseServer(server, out var endpoint):
                    servers.Add(endpoint);
                    break;
                case ["search" or "domain", ..]:
                    searches.Clear();
                    foreach (var word in words.Skip(1))
                    {
                        if (word != "." && WireName.TryParse(word, out var search))
                        {
                            searches.Add(search);
                        }
                    }
                    break;
            }
        }
        return new HostResolver(servers, searches);
    }

    /// <summary>An address, with or without a port.</summary>
    public static bool TryParseServer(string text, out IPEndPoint server)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            server = new IPEndPoint(address, DnsPort);
            return true;
        }
        return IPEndPoint.TryParse(text, out server!) && server.Port != 0;
    }
}
