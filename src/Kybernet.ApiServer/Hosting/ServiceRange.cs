using System.Net;

namespace Kybernet.ApiServer.Hosting;

/// <summary>The addresses that Services get theirs from.</summary>
public static class ServiceRange
{
    /// <summary>The address of the API's own Service: the first after the network's.</summary>
    public static string First(string cidr) => At(cidr, 1);

    /// <summary>The address at an offset from the network's; the cluster's DNS has the tenth.</summary>
    /// <exception cref="FormatException">The range is none.</exception>
    public static string At(string cidr, int offset) => At(IPNetwork.Parse(cidr), offset).ToString();

    /// <summary>The address at an offset from a network's.</summary>
    public static IPAddress At(IPNetwork range, int offset)
    {
        var bytes = range.BaseAddress.GetAddressBytes();
        for (var i = bytes.Length - 1; i >= 0 && offset > 0; i--)
        {
            offset += bytes[i];
            bytes[i] = (byte)offset;
            offset >>= 8;
        }
        return new IPAddress(bytes);
    }
}
