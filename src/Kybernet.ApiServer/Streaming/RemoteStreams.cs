using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Streaming;

/// <summary>Which of a process's streams a client wants.</summary>
/// <param name="Stdin">Its input.</param>
/// <param name="Stdout">Its output.</param>
/// <param name="Stderr">Its errors; never with a terminal, which has one output.</param>
/// <param name="Tty">Whether it gets a terminal.</param>
internal sealed record RemoteStreams(bool Stdin, bool Stdout, bool Stderr, bool Tty)
{
    /// <summary>Reads the options of an exec or attach request.</summary>
    /// <exception cref="ApiError">400: none is wanted.</exception>
    public static RemoteStreams Of(IQueryCollection query)
    {
        var tty = PodLocator.IsOn(query, "tty");
        var streams = new RemoteStreams(
            PodLocator.IsOn(query, "stdin"), PodLocator.IsOn(query, "stdout"), PodLocator.IsOn(query, "stderr") && !tty, tty);
        return streams.Stdin || streams.Stdout || streams.Stderr
            ? streams
            : throw ApiError.BadRequest("you must specify at least 1 of stdin, stdout, stderr");
    }
}
